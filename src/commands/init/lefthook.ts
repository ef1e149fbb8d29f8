import { HOOKS, namesPushgate, type HookName } from '../../formats/hook-script.ts';
import { hookManagersOf } from '../setup/hook-managers.ts';
import type { Scene } from '../setup/scene.ts';
import { changeOf, textOf } from './changes.ts';
import type { HookPlan } from './hooks.ts';

/** Appends pushgate's commands to lefthook's YAML; where that has the hooks already, or is another format, they are printed. */
export function lefthookPlan(scene: Scene): HookPlan {
  const found = hookManagersOf(scene).find(({ name }) => name === 'lefthook');
  const text = found ? (textOf(found.path) ?? '') : '';
  if (namesPushgate(text)) return { changes: [], husky: null, byHand: [] };
  const snippet = HOOKS.map((hook) => commandOf(hook, scene.folder));
  const free = HOOKS.every((hook) => !new RegExp(`^["']?${hook}["']?\\s*:`, 'm').test(text));
  if (!found || !/\.ya?ml$/.test(found.file) || !free) {
    const where = found ? `${found.file} has hooks of its own` : 'There is no lefthook.yml';
    const lines = snippet.join('').trimEnd().split('\n');
    return { changes: [], husky: null, byHand: [`${where}; add to it:`, ...lines.map((line) => `  ${line}`)] };
  }
  const start = text === '' || text.endsWith('\n') ? text : `${text}\n`;
  const after = `${start}\n# pushgate\n${snippet.join('')}`;
  return { changes: changeOf(found.path, after, 'calls pushgate'), husky: null, byHand: ['lefthook install   takes the new hooks over'] };
}

function commandOf(hook: HookName, folder: string): string {
  return [
    `${hook}:`,
    '  commands:',
    '    pushgate:',
    ...(folder === '' ? [] : [`      root: ${JSON.stringify(`${folder}/`)}`]),
    // Lefthook hands standard input on to one command, and only when told.
    ...(hook === 'pre-push' ? ['      run: node_modules/.bin/pushgate hook pre-push {1}', '      use_stdin: true'] : []),
    ...(hook === 'pre-commit' ? ['      run: node_modules/.bin/pushgate hook pre-commit'] : []),
    '',
  ].join('\n');
}
