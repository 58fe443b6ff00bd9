from keras.layers import GRU, LSTM, Bidirectional, Dense, Dropout, Embedding, Input, TimeDistributed
from keras.models import Sequential

model = Sequential()
model.add(Input((5,), dtype="int32"))
model.add(Embedding(12, 6))
model.add(Bidirectional(LSTM(4, return_sequences=True)))
model.add(GRU(5, return_sequences=True))
model.add(TimeDistributed(Dense(3, activation="tanh")))
model.add(LSTM(4))
model.add(Dropout(0.2))
model.add(Dense(3))
