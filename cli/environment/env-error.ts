/** The error of a wrong environment. A file of its own, because main.ts knows it and must load without the SDK. */

/** One variable that cannot be used. `received` never holds a secret. */
export type EnvProblem = {
  readonly variable: string;
  readonly received: string;
  readonly allowed: string;
  readonly fix: string;
};

/** The environment cannot be used. `problems` has every bad variable; fix them and start again. */
export class EnvError extends Error {
  readonly code = 'bad_environment';
  readonly problems: readonly EnvProblem[];
  constructor(problems: readonly EnvProblem[], options?: ErrorOptions) {
    super(
      `The environment cannot be used:\n${problems.map((each) => `  - ${envProblemInWords(each)}`).join('\n')}`,
      options,
    );
    this.name = 'EnvError';
    this.problems = problems;
  }
}

/** `TOPCALLS_X: received …; allowed: …; what to do`. */
export function envProblemInWords({ variable, received, allowed, fix }: EnvProblem): string {
  return `${variable}: received ${received}; allowed: ${allowed}; ${fix}`;
}
