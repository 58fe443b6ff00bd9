// The VS Codes that the suite runs in: the newest that there is as an npm package, and the oldest that is supported.

/** Each a code-server release from npm: VS Code's own server and workbench. `node`: the Node that it runs in. */
export const versions = {
  current: { server: '4.139.1', vscode: '1.139.1', node: '24' },
  floor: { server: '4.99.4', vscode: '1.99.3', node: '20' },
};
