import keras
from keras import layers


def block(x, heads, dim, ff):
    attended = layers.MultiHeadAttention(num_heads=heads, key_dim=dim // heads, dropout=0.1)(x, x)
    x = layers.LayerNormalization(epsilon=1e-6)(x + attended)
    hidden = layers.Dense(ff, activation="gelu")(x)
    return layers.LayerNormalization(epsilon=1e-6)(x + layers.Dense(dim)(hidden))


def build_model(vocabulary=20, length=6, dim=8):
    inputs = layers.Input(shape=(length,), dtype="int32")
    x = layers.Embedding(vocabulary, dim)(inputs)
    x = block(x, 2, dim, 12)
    x = layers.GlobalAveragePooling1D()(x)
    x = layers.Dropout(0.1)(x)
    return keras.Model(inputs, layers.Dense(1, activation="sigmoid")(x))


model = build_model()
