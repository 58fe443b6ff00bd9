// Description files (*.normscope.yaml, .yml, .json) to Networks and back, and their JSON Schema, made from the layer table.
// Nothing here knows another reader, or what a layer computes beyond its shapes.
export { descriptionReader, readDescription } from './reader';
export { descriptionSchema } from './schema';
export { writeDescription } from './write';
