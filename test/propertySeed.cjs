// What property tests draw: the same at every run, since a gate must not hang on the day. NORMSCOPE_PROPERTY_SEED draws others.
const { configureGlobal } = require('fast-check');

configureGlobal({ seed: Number(process.env.NORMSCOPE_PROPERTY_SEED ?? 1) });
