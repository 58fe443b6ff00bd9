# Filled by the tests of quick fixes.
