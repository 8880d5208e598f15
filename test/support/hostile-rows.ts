/** All rows of the hostile receivers' lab, H01 to H34 of the fault table. */
import { BROKEN_ROWS } from './hostile-broken-rows.ts';
import type { Row } from './hostile-row.ts';
import { SLOW_ROWS } from './hostile-slow-rows.ts';
import { TLS_ROWS } from './hostile-tls-rows.ts';

export const HOSTILE_ROWS: readonly Row[] = [...SLOW_ROWS, ...BROKEN_ROWS, ...TLS_ROWS];
