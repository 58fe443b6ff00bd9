/** The engine's version: package.json's, put in by the bundler. */
export { version } from '../../package.json';
