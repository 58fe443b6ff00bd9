// The benchmark: `npm run bench`. Measures the engine through its real runtime, beside PyTorch in the same run; no test
// and no part of the engine may import it.
export { main } from './main';
