from keras.layers import Activation, AveragePooling2D, Conv2D, Dense, GlobalMaxPooling2D, LeakyReLU
from keras.models import Sequential

model = Sequential()
model.add(Conv2D(4, (3, 3), padding="same", input_shape=(8, 8, 3), kernel_initializer="he_normal"))
model.add(LeakyReLU(negative_slope=0.1))
model.add(Conv2D(4, (3, 3), padding="same", dilation_rate=2))
model.add(Activation("elu"))
model.add(AveragePooling2D((2, 2)))
model.add(Conv2D(6, 2, strides=2, padding="same", use_bias=False))
model.add(GlobalMaxPooling2D())
model.add(Dense(5))
model.add(Activation("tanh"))
