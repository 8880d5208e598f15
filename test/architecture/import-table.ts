/**
 * The law: who may import whom, row by row. A row is a whitelist, so a new room or package is refused until a row
 * names it. ARCHITECTURE.md, "Who may import whom", has the same table for readers. The lint only adds what a list of
 * imports cannot say: forbidden globals and circles.
 */
import type { Import } from '../support/source-imports.ts';

export type Rule = {
  /** Files this row is about. */
  readonly files: RegExp;
  /** What may be loaded: own files and packages. */
  readonly values: readonly RegExp[];
  /** What may be named in types besides. */
  readonly types?: readonly RegExp[];
  /** Any package may be loaded. */
  readonly anyPackage?: boolean;
};

/**
 * What runs anywhere, also in the workflow sandbox. The door also exports the schemas, so workflows do not import it.
 */
const CONTRACT = /^contract\/(egress\/)?[^/]+\.ts$/;
const CONTRACT_WITHOUT_DOOR = /^contract\/(?!index\.ts)(egress\/)?[^/]+\.ts$/;
const SCHEMAS = /^contract\/schemas\//;
/** Repairs of reported data. Workflows get repaired data, so their bundle has none of it. */
const REPAIRS = /^contract\/repairs\//;
const NODE = /^node:/;
/** Any room, or what is built of it. */
const ROOM =
  /^(dist\/)?(contract|client|workflows|activities|signature|receiver|worker|adapters|codec|temporal-server|testing|cli)\//;
const PACKAGE_JSON = /^package\.json$/;
const KIT = /^test\/support\//;

/** Source rooms: what is built and shipped. */
export const ROOMS: Readonly<Record<string, Rule>> = {
  'contract/*.ts runs anywhere: no node, no Temporal, no zod': {
    files: CONTRACT_WITHOUT_DOOR,
    values: [CONTRACT],
    types: [SCHEMAS],
  },
  'contract/repairs reads what engines report: pure, and never in the workflow bundle': {
    files: REPAIRS,
    values: [CONTRACT_WITHOUT_DOOR, REPAIRS],
  },
  'the door of contract/ names its schemas': { files: /^contract\/index\.ts$/, values: [CONTRACT, SCHEMAS] },
  'contract/schemas is the only folder with zod': { files: SCHEMAS, values: [CONTRACT, REPAIRS, SCHEMAS, /^zod$/] },
  'workflows are deterministic: contract and @temporalio/workflow': {
    files: /^workflows\//,
    values: [CONTRACT_WITHOUT_DOOR, /^workflows\//, /^@temporalio\/(workflow|common)$/],
    types: [/^activities\//, SCHEMAS],
  },
  'signature is node:crypto and nothing else': {
    files: /^signature\//,
    values: [/^signature\//, /^contract\/(headers|limits)\.ts$/, /^node:crypto$/],
  },
  'receiver never needs Temporal installed': {
    files: /^receiver\//,
    values: [/^receiver\//, /^signature\//, CONTRACT, SCHEMAS],
    types: [NODE],
  },
  'activities know contract, signature, undici, node and the activity context': {
    files: /^activities\//,
    values: [/^activities\//, CONTRACT, SCHEMAS, /^signature\//, NODE, /^undici$/, /^@temporalio\/(activity|common)$/],
  },
  'adapters implement ports and know no Temporal': {
    files: /^adapters\//,
    values: [/^adapters\//, CONTRACT, SCHEMAS, NODE, /^(undici|pg|kysely|zod)$/],
    types: [/^activities\//, /^receiver\/seen-events\.ts$/],
  },
  'client never loads the code of the worker': {
    files: /^client\//,
    values: [
      /^client\//,
      CONTRACT,
      REPAIRS,
      SCHEMAS,
      /^node:crypto$/,
      /^@temporalio\/client$/,
      /^@temporalio\/common(\/|$)/,
    ],
    types: [/^workflows\//],
  },
  'codec serves client and worker alike: node:crypto and @temporalio/common': {
    files: /^codec\//,
    values: [/^codec\//, /^node:(crypto|path)$/, /^@temporalio\/common$/],
  },
  'worker is the composition root of the sending side': {
    files: /^worker\//,
    values: [
      /^worker\//,
      /^activities\//,
      /^signature\//,
      /^codec\//,
      CONTRACT,
      SCHEMAS,
      NODE,
      /^pino$/,
      /^@temporalio\/(worker|common)(\/|$)/,
      // By path only: the bundle is made from it.
      /^workflows(\/index\.ts)?$/,
    ],
  },
  'temporal-server finds or starts a server and knows nothing of webhooks': {
    files: /^temporal-server\//,
    values: [/^temporal-server\//, NODE, /^undici$/, /^@temporalio\/(client|envconfig|worker)(\/|$)/],
  },
  'testing is for the tests of a host: the client with runs in memory, a receiver, and a worker in virtual time': {
    files: /^testing\//,
    values: [
      /^testing\//,
      /^client\//,
      /^receiver\/index\.ts$/,
      /^activities\/http\/verdict\.ts$/,
      // Loaded when it is used: the fake needs neither.
      /^worker\/index\.ts$/,
      /^@temporalio\/testing$/,
      CONTRACT,
      /^node:(crypto|http)$/,
    ],
    types: [SCHEMAS, /^node:net$/, /^@temporalio\/(client|worker)$/],
  },
  'cli may use every room': { files: /^cli\//, values: [ROOM], anyPackage: true },
};

/** Folders around the rooms: they build, measure and test what is shipped, and nothing shipped needs them. */
export const TOOLS: Readonly<Record<string, Rule>> = {
  'scripts build, publish and record': {
    files: /^scripts\//,
    values: [ROOM, /^scripts\//, KIT, /^test\/(system|vectors)\//, PACKAGE_JSON],
    anyPackage: true,
  },
  'bench measures the rooms and the built package': {
    files: /^bench\//,
    values: [ROOM, /^bench\//, KIT, /^test\/system\//, PACKAGE_JSON],
    anyPackage: true,
  },
  'test/support is the kit of every test and tool': { files: KIT, values: [ROOM, KIT, PACKAGE_JSON], anyPackage: true },
  'test/system plays whole installations': {
    files: /^test\/system\//,
    values: [ROOM, /^test\/system\//, KIT, /^scripts\//, PACKAGE_JSON],
    anyPackage: true,
  },
  'an example is a stranger’s project: the public doors and no path of ours': {
    files: /^examples\//,
    values: [/^examples\//],
    anyPackage: true,
  },
};

/** The imports that break `rule`, as lines to read. */
export function broken({ values, types = [], anyPackage = false }: Rule, imports: readonly Import[]): string[] {
  const matches = (rules: readonly RegExp[], to: string): boolean => rules.some((rule) => rule.test(to));
  return imports
    .filter(({ isPackage }) => !(isPackage && anyPackage))
    .filter(({ to, isTypeOnly }) => !matches(values, to) && !(isTypeOnly && matches(types, to)))
    .map(({ from, to, isTypeOnly }) => `${from} imports ${isTypeOnly ? 'types of ' : ''}${to}`);
}
