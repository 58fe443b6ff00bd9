// Python's own functions and methods and its standard library's: tables of rows; a new builtin is a new row.
// Nothing of a framework's is here.
