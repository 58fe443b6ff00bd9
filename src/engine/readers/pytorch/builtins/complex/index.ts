// Complex tensors, as two real ones each, and the functions that make them. What is done to real tensors alone does not belong
// here.

export { fourierFunctions } from './fourier';
export { complexFunctions } from './functions';
export { COMPLEX_CLASS, complexMethods, complexOf, complexProperties } from './tensor';
