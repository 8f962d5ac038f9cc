"""Gives its own layer class the name and module of one of Keras' own."""
import keras
class Dense(keras.layers.Dense):
    def call(self, x):
        return x * 2
Dense.__module__ = keras.layers.Dense.__module__
Dense.__qualname__ = "Dense"
keras.src.api_export.REGISTERED_OBJS_TO_NAMES[Dense] = "keras.layers.Dense"
def twice(x):
    return keras.Sequential([keras.Input((1,)), Dense(1)])
