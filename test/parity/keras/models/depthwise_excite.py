import keras
from keras import layers


def excite(x, ratio=2):
    channels = x.shape[-1]
    s = layers.GlobalAveragePooling2D(keepdims=True)(x)
    s = layers.Conv2D(channels // ratio, 1, activation="relu")(s)
    s = layers.Conv2D(channels, 1, activation="hard_sigmoid")(s)
    return layers.Multiply()([x, s])


inputs = keras.Input((10, 10, 3))
x = layers.Rescaling(1 / 2.0, offset=-1)(inputs)
x = layers.ZeroPadding2D(((0, 1), (0, 1)))(x)
x = layers.Conv2D(6, 3, strides=2, use_bias=False)(x)
x = layers.BatchNormalization(momentum=0.9, epsilon=1e-5)(x)
x = layers.Activation("hard_swish")(x)
y = layers.DepthwiseConv2D(3, padding="same", use_bias=False)(x)
y = layers.ReLU(max_value=6)(layers.BatchNormalization()(y))
y = layers.Conv2D(6, 1)(excite(y))
x = layers.add([x, y])
x = layers.SeparableConv2D(8, 3, padding="same", activation="swish")(x)
x = layers.SpatialDropout2D(0.2)(x)
outputs = layers.Dense(4)(layers.GlobalAveragePooling2D()(x))
model = keras.Model(inputs, outputs)
