declare module '@bcoe/v8-coverage' {
  export function mergeProcessCovs(processes: readonly { readonly result: readonly unknown[] }[]): unknown;
}
