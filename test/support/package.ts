import { resolve } from 'node:path';
import { ownPath } from '../../src/system/own-package.ts';

/** The root of this package, for tests as they are compiled and as they are written. */
export const PACKAGE = resolve(ownPath('.'));
