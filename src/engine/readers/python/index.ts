// The Python language as model files use it: syntax, values, an evaluator over symbolic tensors, modules and the calls that a
// forward makes, imports. What a library's names mean is not here: a reader brings it as a Framework.
