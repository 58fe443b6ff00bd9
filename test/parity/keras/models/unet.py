from keras.layers import Activation, BatchNormalization, Concatenate, Conv2D, Conv2DTranspose, Input, MaxPooling2D, UpSampling2D, concatenate
from keras.models import Model


def conv_block(x, filters):
    x = Conv2D(filters, 3, padding="same", kernel_initializer="he_normal")(x)
    x = BatchNormalization()(x)
    return Activation("relu")(x)


def unet(input_size=(12, 12, 3)):
    inputs = Input(input_size)
    c1 = conv_block(inputs, 4)
    c2 = conv_block(MaxPooling2D((2, 2))(c1), 5)
    bottom = conv_block(MaxPooling2D((2, 2))(c2), 6)
    up2 = Conv2DTranspose(5, 3, strides=2, padding="same")(bottom)
    d2 = conv_block(concatenate([up2, c2], axis=3), 5)
    d1 = conv_block(Concatenate()([UpSampling2D(interpolation="bilinear")(d2), c1]), 4)
    return Model(inputs, Conv2D(1, 1, activation="sigmoid")(d1))


model = unet()
