"""Returns a Keras model with a Lambda layer, whose code would run where it is rebuilt."""
import keras
def twice(x):
    return keras.Sequential([keras.Input((1,)), keras.layers.Lambda(lambda v: v * 2)])
