/** `topcalls-webhooks cancel|retry-now|redeliver`: control of webhooks, by id or by what they have in common. */
import { Command, Option } from 'commander';
import { EVENT_NAMES } from '../../../contract/event-types.ts';
import type { FindableState } from '../../../contract/schemas/find-filter.ts';
import { readCancelReason, readCount, readId } from '../../process/option-readers.ts';
import type { Terminal } from '../../process/terminal.ts';
import { readMoment } from '../../process/time-span.ts';
import { readReasons } from '../reason-option.ts';
import type { ControlVerb } from './request.ts';
import type { ControlOptions } from './run.ts';
import { stateOption } from './state-option.ts';

const DESCRIPTIONS: Readonly<Record<ControlVerb, string>> = {
  cancel: 'stop webhooks: waits end at once, an attempt in flight may finish',
  'retry-now': 'send the attempts that wait in the ladder now',
  redeliver: 'deliver ended webhooks again: same ids, same bytes, fresh ladder',
};

const STATES: Readonly<Record<ControlVerb, Partial<Record<FindableState, string>>>> = {
  cancel: {
    running: 'all that run',
    retrying: 'those that run and have failed before, or wait for us',
    waiting_for_us: 'those that wait because our own side cannot send',
  },
  'retry-now': {
    retrying: 'all that wait for a further attempt, or for us',
    waiting_for_us: 'only those that wait because our own side could not send',
  },
  redeliver: {
    failed: 'those that an endpoint did not take: every attempt is spent',
    gone: 'those whose receiver answered 410',
    refused: 'those that our own rules forbid',
    cancelled: 'those that were cancelled',
    terminated: 'those whose run was terminated',
    delivered: 'those that arrived; needs --force',
  },
};

const EXAMPLES: Readonly<Record<ControlVerb, string>> = {
  cancel: `
  $ topcalls-webhooks cancel call-1 --reason 'the customer moved'
  $ topcalls-webhooks cancel --retrying --endpoint https://crm.example.com/hook --dry-run`,
  'retry-now': `
  $ topcalls-webhooks retry-now call-1
  $ topcalls-webhooks retry-now --retrying --endpoint ep_Zk3v0cVb1m2Q    once its receiver is up again
  $ topcalls-webhooks retry-now --waiting-for-us --all                   once our store of secrets is up again`,
  redeliver: `
  $ topcalls-webhooks redeliver call-1
  $ topcalls-webhooks redeliver --failed --endpoint https://crm.example.com/hook --since 1d --dry-run
  $ topcalls-webhooks redeliver --failed --reason http_5xx --endpoint ep_Zk3v0cVb1m2Q --since 2h
  $ topcalls-webhooks redeliver --failed --gone --campaign camp-7 --rate 5 --json > redelivered.json
  $ topcalls-webhooks redeliver call-1 --force                          although it was delivered`,
};

const HELP = `
Name webhooks by call id, by workflow id as the Web UI shows it (call-webhook/…, campaign-webhook/…), or by the
address of their page there.
Or choose many by one or more states, narrowed by the other options. A choice that nothing narrows needs --all. One that
only a time or a reason narrows takes webhooks of all customers: it asks first at a terminal, and says so elsewhere.
A webhook id (msg_…) or a run id is not taken: status shows the call of each.
With --endpoint only that endpoint's delivery is touched. A webhook that cannot be handled is one line; the others
go on. One line per webhook goes to stdout (--json: one document), progress to stderr. Ctrl-C stops before the next.

Exit codes: 0 done, 1 not found, failed, or nothing to do for a named one, 2 wrong arguments, 3 no Temporal server,
130 interrupted.`;

/** One of the three commands; `ended` gets its exit code. */
export function controlCommand(verb: ControlVerb) {
  return (terminal: Terminal, ended: (code: number) => void): Command => {
    const command = new Command(verb)
      .description(DESCRIPTIONS[verb])
      .argument('[ids...]', 'call ids, workflow ids, or addresses of the Web UI')
      .option('-n, --namespace <name>', 'namespace (default: TEMPORAL_NAMESPACE, the profile, or "default")');
    const states = Object.entries(STATES[verb]);
    for (const [state, words] of states) command.option(stateOption(state as FindableState), words);
    command
      .option('--endpoint <id or url>', 'only this endpoint: ep_…, or its whole URL')
      .option('--campaign <id>', 'of this campaign', readId)
      .option('--account <id>', 'of this account', readId)
      .addOption(new Option('--event <name>', 'of this event').choices(EVENT_NAMES))
      .option('--since <time>', 'ended (running ones: started) since: 12h, 1d, or 2026-06-01', readMoment)
      .option('--until <time>', 'ended (running ones: started) before', readMoment)
      .option('--started-since <time>', 'started since', readMoment)
      .option('--started-until <time>', 'started before', readMoment)
      .option('--all', 'the choice by state needs nothing that narrows it; asks first at a terminal', false)
      .option('--yes', 'do not ask', false)
      .option('--limit <count>', 'at most this many webhooks that fit', readCount)
      .option('--rate <count>', 'webhooks per second', readCount, 10)
      .option('--dry-run', 'list them with host, state and reason, add totals per endpoint, change nothing', false)
      .option('--json', 'print the outcome as JSON', false);
    if (verb === 'cancel') {
      command.option('--reason <text>', 'shown in outcome and history: no personal data', readCancelReason);
      command.option(
        '--let-go',
        'cancel nothing: close a run that only waits until deliveryEvents takes an event',
        false,
      );
    } else {
      const words = 'only deliveries with this reason code, e.g. http_503 or http_5xx; repeat it for several';
      command.option('--reason <code>', words, readReasons);
    }
    if (verb === 'redeliver') command.option('--force', 'also what was delivered', false);
    return command
      .addHelpText('after', `${HELP}\n\nExamples:${EXAMPLES[verb]}`)
      .action(async (ids: readonly string[], options: ControlOptions) => {
        const { runControl } = await import('./run.ts');
        ended(await runControl(verb, ids, options, terminal));
      });
  };
}
