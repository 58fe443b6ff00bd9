// The integration suite, one bundle: what is seen in a real VS Code. Everything cheaper is in test/unit/extension.
import './analysis.test';
import './surfaces.test';
import './edits.test';
import './notebook.test';
import './savedModels.test';
import './sidebar.test';
import './typing.test';
import './engine.test';
import './restricted.test';
