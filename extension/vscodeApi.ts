import type * as vscode from 'vscode';

/** The editor's API as classes take it through their constructors, so that a small fake serves in plain Node. */
export type Vscode = typeof vscode;

/** The lines that a person finds in the output channel. */
export type Log = Pick<vscode.LogOutputChannel, 'debug' | 'info' | 'warn' | 'error'>;
