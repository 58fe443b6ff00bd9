import tensorflow as tf


class ResBlock(tf.keras.Model):
    def __init__(self, filters, downsample):
        super().__init__()
        if downsample:
            self.conv1 = tf.keras.layers.Conv2D(filters, 3, 2, padding="same")
            self.shortcut = tf.keras.Sequential([
                tf.keras.layers.Conv2D(filters, 1, 2),
                tf.keras.layers.BatchNormalization(),
            ])
        else:
            self.conv1 = tf.keras.layers.Conv2D(filters, 3, 1, padding="same")
            self.shortcut = tf.keras.Sequential()
        self.conv2 = tf.keras.layers.Conv2D(filters, 3, 1, padding="same")
        self.bn1 = tf.keras.layers.BatchNormalization()
        self.bn2 = tf.keras.layers.BatchNormalization()

    def call(self, input, training=False):
        shortcut = self.shortcut(input)
        input = self.conv1(input)
        input = self.bn1(input, training=training)
        input = tf.nn.relu(input)
        input = self.conv2(input)
        input = self.bn2(input, training=training)
        input = input + shortcut
        return tf.nn.relu(input)


class ResNet18(tf.keras.Model):
    def __init__(self, outputs=10):
        super().__init__()
        self.layer0 = tf.keras.Sequential([
            tf.keras.layers.Conv2D(64, 7, 2, padding='same'),
            tf.keras.layers.MaxPool2D(pool_size=3, strides=2, padding='same'),
            tf.keras.layers.BatchNormalization(),
            tf.keras.layers.ReLU(),
        ], name='layer0')
        self.layer1 = tf.keras.Sequential([ResBlock(64, False), ResBlock(64, False)])
        self.layer2 = tf.keras.Sequential([ResBlock(128, True), ResBlock(128, False)])
        self.gap = tf.keras.Sequential([tf.keras.layers.GlobalAveragePooling2D(), tf.keras.layers.Dense(outputs, activation='softmax')], name='gap')

    def call(self, input, training=False):
        input = self.layer0(input, training=training)
        input = self.layer1(input, training=training)
        input = self.layer2(input, training=training)
        return self.gap(input)


model = ResNet18()
model.compile(optimizer='adam', loss='sparse_categorical_crossentropy')
