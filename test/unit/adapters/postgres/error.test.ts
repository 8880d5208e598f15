/** Failures between log and PostgreSQL, each with one code. */
import { expect, test } from '@jest/globals';
import { asLogError } from '../../../../adapters/postgres/error.ts';

test.each([
  [{ code: 'ECONNREFUSED' }, 'postgres_unavailable', undefined],
  [new Error('Query read timeout'), 'postgres_unavailable', undefined],
  [{ code: '57P01', severity: 'FATAL' }, 'postgres_unavailable', '57P01'],
  [{ code: '53300', severity: 'FATAL' }, 'postgres_unavailable', '53300'],
  [{ code: '55P03', severity: 'ERROR' }, 'postgres_unavailable', '55P03'],
  [{ code: '40P01', severity: 'ERROR' }, 'postgres_unavailable', '40P01'],
  [{ code: '28P01', severity: 'FATAL' }, 'postgres_access', '28P01'],
  [{ code: '42501', severity: 'ERROR' }, 'postgres_access', '42501'],
  [{ code: '42P01', severity: 'ERROR' }, 'postgres_schema', '42P01'],
  [{ code: '22P02', severity: 'ERROR', message: 'invalid: +14155551234' }, 'postgres_failed', '22P02'],
])('%j is told as %s', (cause, code, sqlState) => {
  const error = asLogError(cause);
  expect(error).toMatchObject({ name: 'PostgresDeliveryLogError', code, sqlState });
  expect(error.message).not.toContain('+14155551234');
});

test('a lock that is not to be had is told with what to do', () => {
  expect(asLogError({ code: '55P03', severity: 'ERROR' }).message).toContain(
    'another statement holds the table for too long, and this one changed nothing: try again (SQLSTATE 55P03)',
  );
});

test('a message may be logged unless it quotes an error of the host', () => {
  expect(asLogError({ code: 'ECONNREFUSED' }).safeToLog).toBe(true);
  expect(asLogError({ code: '42P01', severity: 'ERROR', message: 'hush' }).safeToLog).toBe(true);
  expect(asLogError(new Error('postgres://admin:hush@db')).safeToLog).toBe(false);
});
