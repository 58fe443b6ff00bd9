// The licences of what the VSIX brings along: read from the packages that its bundles are made of.
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const modules = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..', 'node_modules');

/** The package that a bundled file belongs to; undefined for our own files. */
export const packageOf = (file) =>
  /.*node_modules[\\/]((?:@[^\\/]+[\\/])?[^\\/]+)/.exec(file)?.[1]?.replaceAll('\\', '/');

/** Who holds the rights where a package states its licence and holds no text of it. */
const holders = [
  [/^onnxruntime-/, 'Microsoft Corporation'],
  [/^@microsoft\/fast-/, 'Microsoft Corporation'],
  [/^@bufbuild\/protobuf$/, '2021-2026 Buf Technologies, Inc.; parts 2008 Google Inc.'],
];

/** What a package's own notices do not say. */
const ofOnnxruntime =
  'The notices of what its library holds: https://github.com/microsoft/onnxruntime/blob/main/ThirdPartyNotices.txt';
const remarks = { 'onnxruntime-node': ofOnnxruntime, 'onnxruntime-web': ofOnnxruntime };

const permission = {
  MIT: `Permission is hereby granted, free of charge, to any person obtaining a copy
of this software and associated documentation files (the "Software"), to deal
in the Software without restriction, including without limitation the rights
to use, copy, modify, merge, publish, distribute, sublicense, and/or sell
copies of the Software, and to permit persons to whom the Software is
furnished to do so, subject to the following conditions:

The above copyright notice and this permission notice shall be included in all
copies or substantial portions of the Software.

THE SOFTWARE IS PROVIDED "AS IS", WITHOUT WARRANTY OF ANY KIND, EXPRESS OR
IMPLIED, INCLUDING BUT NOT LIMITED TO THE WARRANTIES OF MERCHANTABILITY,
FITNESS FOR A PARTICULAR PURPOSE AND NONINFRINGEMENT. IN NO EVENT SHALL THE
AUTHORS OR COPYRIGHT HOLDERS BE LIABLE FOR ANY CLAIM, DAMAGES OR OTHER
LIABILITY, WHETHER IN AN ACTION OF CONTRACT, TORT OR OTHERWISE, ARISING FROM,
OUT OF OR IN CONNECTION WITH THE SOFTWARE OR THE USE OR OTHER DEALINGS IN THE
SOFTWARE.`,
  'BSD-3-Clause': `Redistribution and use in source and binary forms, with or without
modification, are permitted provided that the following conditions are met:

1. Redistributions of source code must retain the above copyright notice, this
   list of conditions and the following disclaimer.
2. Redistributions in binary form must reproduce the above copyright notice,
   this list of conditions and the following disclaimer in the documentation
   and/or other materials provided with the distribution.
3. Neither the name of the copyright holder nor the names of its contributors
   may be used to endorse or promote products derived from this software
   without specific prior written permission.

THIS SOFTWARE IS PROVIDED BY THE COPYRIGHT HOLDERS AND CONTRIBUTORS "AS IS" AND
ANY EXPRESS OR IMPLIED WARRANTIES, INCLUDING, BUT NOT LIMITED TO, THE IMPLIED
WARRANTIES OF MERCHANTABILITY AND FITNESS FOR A PARTICULAR PURPOSE ARE
DISCLAIMED. IN NO EVENT SHALL THE COPYRIGHT HOLDER OR CONTRIBUTORS BE LIABLE
FOR ANY DIRECT, INDIRECT, INCIDENTAL, SPECIAL, EXEMPLARY, OR CONSEQUENTIAL
DAMAGES (INCLUDING, BUT NOT LIMITED TO, PROCUREMENT OF SUBSTITUTE GOODS OR
SERVICES; LOSS OF USE, DATA, OR PROFITS; OR BUSINESS INTERRUPTION) HOWEVER
CAUSED AND ON ANY THEORY OF LIABILITY, WHETHER IN CONTRACT, STRICT LIABILITY,
OR TORT (INCLUDING NEGLIGENCE OR OTHERWISE) ARISING IN ANY WAY OUT OF THE USE
OF THIS SOFTWARE, EVEN IF ADVISED OF THE POSSIBILITY OF SUCH DAMAGE.`,
};

/** The text of a stated licence. @throws Error for a licence whose text is not known here. */
async function statedLicence(name, license) {
  const [, holder] = holders.find(([pattern]) => pattern.test(name)) ?? [];
  const texts = await Promise.all(
    license
      .replace(/[()]/g, '')
      .split(' AND ')
      .map((id) =>
        id === 'Apache-2.0' ? readFile(path.join(modules, 'playwright-core', 'LICENSE'), 'utf8') : permission[id],
      ),
  );
  if (!holder || texts.includes(undefined)) throw new Error(`the text of ${name}'s licence (${license}) is not known`);
  return [`Copyright (c) ${holder}`, ...texts.map((text) => text.trim())].join('\n\n');
}

/** One package: its name, version, source and licence in full. @throws Error where it states no licence. */
async function noticeOf(name) {
  const folder = path.join(modules, name);
  const { version, license, author, repository } = JSON.parse(
    await readFile(path.join(folder, 'package.json'), 'utf8'),
  );
  if (!license) throw new Error(`${name} states no licence`);
  const files = (await readdir(folder)).filter((file) => /^(licen[cs]e|copying|notice|third.?party)/i.test(file));
  const texts = await Promise.all(files.sort().map((file) => readFile(path.join(folder, file), 'utf8')));
  const by = typeof author === 'string' ? author : author?.name;
  const source = (typeof repository === 'string' ? repository : repository?.url)?.replace(/^git\+/, '');
  return [
    `${name} ${version}`,
    `Licence: ${license}${by ? `; by ${by}` : ''}`,
    ...(source ? [`Source: ${source}`] : []),
    '',
    ...(remarks[name] ? [remarks[name], ''] : []),
    ...(texts.length > 0 ? texts.map((text) => text.trim()) : [await statedLicence(name, license)]),
  ].join('\n');
}

/** The text of ThirdPartyNotices.txt for some packages. */
export async function thirdPartyNotices(names) {
  const notices = await Promise.all([...new Set(names)].sort().map(noticeOf));
  const rule = `\n\n${'-'.repeat(80)}\n\n`;
  return `NormScope brings the following software along, each under its own licence.${rule}${notices.join(rule)}\n`;
}
