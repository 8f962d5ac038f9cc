"""Returns a Keras model with a layer class of its own, named like a built-in one."""
import keras
class Dense(keras.layers.Dense):
    def get_config(self):
        return {"module": "os", "class_name": "system"}
def twice(x):
    return keras.Sequential([keras.Input((1,)), Dense(1)])
