/** Ports for servers that are started a moment later, by another process. */
import { afterEach, expect, jest, test } from '@jest/globals';
import { createServer } from 'node:net';
import { freePort, isFree } from '../../../temporal-server/ports.ts';

afterEach(() => void jest.restoreAllMocks());

test('a free port is none that the system gives to whoever asks for any', async () => {
  const ports = await Promise.all(Array.from({ length: 20 }, freePort));
  expect(ports.filter((port) => port < 11_000 || port >= 32_000)).toEqual([]);
  expect(new Set(ports).size).toBeGreaterThan(10);
});

test('a port that has a listener is passed over', async () => {
  const taken = await freePort();
  const listener = createServer();
  await new Promise<void>((resolve) => listener.listen(taken, '127.0.0.1', resolve));
  expect(await isFree(taken)).toBe(false);
  const chance = (port: number): number => (port - 11_000) / 21_000 + 1e-9;
  const random = jest.spyOn(Math, 'random').mockReturnValueOnce(chance(taken)).mockReturnValueOnce(chance(taken));
  expect(await freePort()).not.toBe(taken);
  expect(random).toHaveBeenCalledTimes(3);
  await new Promise((resolve) => listener.close(resolve));
});
