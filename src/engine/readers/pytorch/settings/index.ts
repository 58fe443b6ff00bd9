// Where scripts keep their settings: dictionaries with attributes, OmegaConf and Hydra, command lines, checked classes, paths.
// What they say is read, out of files of the workspace alone; how a network is made of it is not known here.
export { parsedText, readOpened, shown } from './files';
export * from './library';
