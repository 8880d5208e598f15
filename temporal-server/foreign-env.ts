/** The environment for programs that are not ours: pip, `temporal`, the SDK's download. None of them needs our
 *  secrets, and each could log, report or hand on what it gets. */
import type { Env } from './env.ts';

/** Our own variables, and how one proves to a Temporal server who one is. A development server asks nobody. */
const OURS = /^(TOPCALLS_|WEBHOOK_SECRET$|TEMPORAL_(API_KEY|TLS_|GRPC_META|CODEC_AUTH))/i;

/** The variables without ours. Paths, proxies and the settings of pip stay. */
export function foreignEnv(env: Env): Env {
  return Object.fromEntries(Object.entries(env).filter(([name]) => !OURS.test(name)));
}
