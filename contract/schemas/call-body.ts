/**
 * The bodies of `call.completed` and `call.failed`, as receivers get them. Every field is always present, and no text
 * is empty. Later versions only add fields. The schemas are published as documents; tests compare them with what
 * `renderCallBody` makes.
 */
import * as z from 'zod';
import { ARTIFACT_STATUSES } from '../delivery-state.ts';
import { MAX_ERROR_MESSAGE_LENGTH, MAX_RECORDING_URL_LENGTH } from '../limits.ts';
import { bodyIdSchema, bodyMetadataSchema, bodyTextSchema, bodyTimeSchema, TIME_FORM } from './body-fields.ts';

const artifactStatus = (what: string) =>
  z.enum(ARTIFACT_STATUSES).meta({
    description:
      `What happened to the ${what}. \`ready\`: it is in the body. ` +
      '`unavailable`: it does not exist and never will. ' +
      '`timed_out`: it was not made in time; ask the API later. ' +
      '`unreadable`: it came in a form that nobody can read; ask the API later. ' +
      '`not_expected`: this call was not meant to have one. ' +
      '`too_large`: it was left out of the body for its size; ask the API.',
    examples: ['ready'],
  });

const transcriptLineSchema = z.looseObject({
  id: z.int().meta({ description: 'Number of the line, as the transcriber counts; an integer.', examples: [1] }),
  user: z.string().meta({
    description: 'Who speaks, such as `assistant` or `user`; `unknown` if this is not known.',
    examples: ['assistant'],
  }),
  text: z.string().meta({ description: 'What was said.', examples: ['Hi, this is Sarah from TopView Dental...'] }),
  created_at: bodyTimeSchema.nullable().meta({
    description: `When it was said: ${TIME_FORM}. \`null\` if this is not known.`,
    examples: ['2025-12-22T10:30:05Z'],
  }),
});

// Editors show these comments beside the fields of `WebhookEvent`. The descriptions go into the published documents.
const CALL_FIELDS = {
  call_id: bodyIdSchema.meta({
    description: 'Id of the call. A call ends once, so you can deduplicate by this id if headers are lost.',
    examples: ['564d4fd4-03bc-400a-abe0-05540fbeff88'],
  }),
  phone_number: bodyTextSchema
    .nullable()
    .meta({ description: 'Number that was called. `null` if it is not known.', examples: ['+14155551234'] }),
  from_phone_number: bodyTextSchema.nullable().meta({
    description: 'Number it was called from. `null` if it is not known or withheld.',
    examples: ['+18005551234'],
  }),
  status: z.enum(['completed', 'failed']),
  /** Free text. Use `status` for decisions. */
  call_status: bodyTextSchema.meta({
    description:
      'The finer status in the words of the telephony side: free text, not a fixed list. ' +
      'The same as `status` if there is none.',
    examples: ['completed'],
  }),
  /** Minutes: 2.5 is 2 min 30 s. */
  duration: z
    .number()
    .min(0)
    .nullable()
    .meta({
      description:
        'Length of the call in **minutes**, with at most 4 decimals: 2.5 is 2 min 30 s. ' +
        '0 for a call that was not answered, `null` if it is not known.',
      examples: [2.5],
    }),
  /** Empty if there is no transcript; `artifacts.transcript` says why. */
  transcript: z.array(transcriptLineSchema).meta({
    description: 'What was said, line by line. `[]` if there is no transcript; `artifacts.transcript` says why.',
  }),
  recording_url: z
    .string()
    .min(1)
    .max(MAX_RECORDING_URL_LENGTH)
    .nullable()
    .meta({
      description: 'URL of the recording. `null` if there is none; `artifacts.recording` says why.',
      examples: ['https://api.topcalls.ai/recordings/.../2025/12/22/mp3'],
    }),
  call_summary: z
    .string()
    .min(1)
    .nullable()
    .meta({
      description: 'Summary of the call. `null` if there is none; `artifacts.summary` says why.',
      examples: ['Successfully confirmed appointment...'],
    }),
  answered_by: bodyTextSchema.nullable().meta({
    description:
      'Who or what answered, such as `human` or `voicemail`: free text. ' +
      '`null` if the call was not answered, or this is not known.',
    examples: ['human'],
  }),
  campaign_id: bodyIdSchema.nullable().meta({
    description: 'Id of the campaign. `null` for a call without a campaign.',
    examples: ['camp_abc123'],
  }),
  lead_id: bodyTextSchema.nullable().meta({
    description: 'Id of the lead. `null` for a call without a lead.',
    examples: ['lead_xyz789'],
  }),
  created_at: bodyTimeSchema.nullable().meta({
    description: `When the call was ordered: ${TIME_FORM}. \`null\` if this is not known.`,
    examples: ['2025-12-22T10:30:00Z'],
  }),
  started_at: bodyTimeSchema.nullable().meta({
    description: `When the call began: ${TIME_FORM}. \`null\` if it never began.`,
    examples: ['2025-12-22T10:30:05Z'],
  }),
  end_at: bodyTimeSchema.nullable().meta({
    description: `When the call ended: ${TIME_FORM}. \`null\` if this is not known.`,
    examples: ['2025-12-22T10:32:35Z'],
  }),
  metadata: bodyMetadataSchema('call'),
  artifacts: z
    .looseObject({
      recording: artifactStatus('recording'),
      transcript: artifactStatus('transcript'),
      summary: artifactStatus('summary'),
    })
    .meta({
      description: 'What happened to recording, transcript and summary. It tells an absent one from a late one.',
    }),
};

/** Body of `call.completed`. */
export const callCompletedBodySchema = z
  .looseObject({
    ...CALL_FIELDS,
    status: z.literal('completed').meta({ description: 'Always `completed`.' }),
    event: z.literal('call.completed').meta({ description: 'Name of the event; signed, unlike the header.' }),
  })
  .meta({
    title: 'CallCompleted',
    description:
      'A call was completed. Sent about 15 seconds after its end, ' +
      'or up to a minute later if recording, transcript or summary are not ready.',
  });

/** Body of `call.failed`. */
export const callFailedBodySchema = z
  .looseObject({
    ...CALL_FIELDS,
    status: z.literal('failed').meta({ description: 'Always `failed`.' }),
    error_message: z
      .string()
      .min(1)
      .max(MAX_ERROR_MESSAGE_LENGTH)
      .nullable()
      .meta({
        description: 'Why the call failed, in the words of the telephony side. `null` if this is not known.',
        examples: ['SIP 486 Busy Here'],
      }),
    event: z.literal('call.failed').meta({ description: 'Name of the event; signed, unlike the header.' }),
  })
  .meta({
    title: 'CallFailed',
    description:
      'A call failed. Sent at once: there is no recording to wait for, so `transcript` is `[]`, ' +
      '`recording_url` and `call_summary` are `null` and the artifacts `not_expected`.',
  });
