/** Numbers of things, for people. Pure. */

/** `counted(1, 'run')` → `1 run`, `counted(2, 'run')` → `2 runs`. Give the plural where it is another word. */
export function counted(count: number, one: string, several = `${one}s`): string {
  return `${count} ${count === 1 ? one : several}`;
}
