import keras
from keras import layers, ops


class Block(layers.Layer):
    def __init__(self, filters, stride=1, **kwargs):
        super().__init__(**kwargs)
        self.conv1 = layers.Conv2D(filters, 3, strides=stride, padding="same", use_bias=False)
        self.bn1 = layers.BatchNormalization()
        self.conv2 = layers.Conv2D(filters, 3, padding="same", use_bias=False)
        self.bn2 = layers.BatchNormalization()
        self.short = None
        if stride != 1:
            self.short = keras.Sequential([layers.Conv2D(filters, 1, strides=stride), layers.BatchNormalization()])

    def call(self, x, training=None):
        y = ops.relu(self.bn1(self.conv1(x), training=training))
        y = self.bn2(self.conv2(y), training=training)
        return ops.relu(y + (x if self.short is None else self.short(x)))


class Net(keras.Model):
    def __init__(self, classes=4):
        super().__init__()
        self.stem = layers.Conv2D(4, 3, padding="same")
        self.blocks = [Block(4), Block(6, 2)]
        self.pool = layers.GlobalAveragePooling2D()
        self.head = layers.Dense(classes)

    def call(self, inputs, training=False):
        x = self.stem(inputs)
        for block in self.blocks:
            x = block(x, training=training)
        return self.head(self.pool(x))


model = Net()
model(ops.zeros((1, 9, 9, 3)))
