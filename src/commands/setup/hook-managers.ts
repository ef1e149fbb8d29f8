import { join } from 'node:path';
import { namesPushgate } from '../../formats/hook-script.ts';
import { readText } from '../../system/files.ts';
import { dependsOn, type Scene } from './scene.ts';

/** A tool beside husky that writes git's hooks. */
export type HookManager = {
  readonly name: 'lefthook' | 'simple-git-hooks' | 'pre-commit' | 'yorkie' | 'husky 4';
  /** Where it is set up: a file of the checkout's top, or of the project. */
  readonly file: string;
  readonly path: string;
  readonly callsPushgate: boolean;
};

const FILES: readonly (readonly [HookManager['name'], readonly string[]])[] = [
  ['lefthook', ['lefthook.yml', 'lefthook.yaml', '.lefthook.yml', '.lefthook.yaml', 'lefthook.toml', 'lefthook.json']],
  ['pre-commit', ['.pre-commit-config.yaml', '.pre-commit-config.yml']],
  ['simple-git-hooks', ['.simple-git-hooks.json', '.simple-git-hooks.js', '.simple-git-hooks.cjs', 'simple-git-hooks.json']],
];

/** The other tools that are set up here to write git's hooks. */
export function hookManagersOf(scene: Scene): HookManager[] {
  const fromFiles = FILES.flatMap(([name, files]) =>
    files.flatMap((file): HookManager[] => {
      const path = join(scene.checkout.top, file);
      const text = readText(path);
      return text === null ? [] : [{ name, file, path, callsPushgate: namesPushgate(text) }];
    }),
  );
  return [...fromFiles, ...scene.packages.flatMap((each) => inPackage(each))];
}

function inPackage(each: Scene['packages'][number]): HookManager[] {
  const { json, dir } = each;
  const found = (name: HookManager['name'], key: string): HookManager[] =>
    json[key] === undefined
      ? []
      : [{ name, file: `package.json (${key})`, path: join(dir, 'package.json'), callsPushgate: namesPushgate(JSON.stringify(json[key])) }];
  return [
    ...found('simple-git-hooks', 'simple-git-hooks'),
    ...(dependsOn(each, 'yorkie') ? found('yorkie', 'gitHooks') : []),
    ...found('husky 4', 'husky'),
  ];
}
