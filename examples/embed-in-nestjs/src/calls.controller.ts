/** The calls of the engine over HTTP. A real engine keeps an outbox beside its calls: see embed-in-call-engine. */
import {
  BadRequestException,
  Body,
  Controller,
  Get,
  Inject,
  NotFoundException,
  Param,
  Post,
  ServiceUnavailableException,
} from '@nestjs/common';
import { InvalidInputError, WebhookClient, WebhookClientError, type CallEnded } from '@topcalls/webhooks/client';

@Controller('calls')
export class CallsController {
  constructor(@Inject(WebhookClient) private readonly webhooks: WebhookClient) {}

  /** A call is over: its webhook starts. */
  @Post(':id/end')
  async end(@Param('id') call_id: string, @Body() call: Omit<CallEnded, 'call_id'>) {
    const handle = await this.webhooks.callEnded({ ...call, call_id }).catch(asHttp);
    return { webhook: handle?.workflowId ?? null, alreadyReported: handle?.alreadyReported ?? false };
  }

  /** Where its webhook stands. */
  @Get(':id/webhook')
  async webhook(@Param('id') id: string) {
    return this.webhooks.call(id).status().catch(asHttp);
  }

  /** Support stops it. */
  @Post(':id/cancel-webhook')
  async cancel(@Param('id') id: string, @Body() { reason }: { readonly reason?: string }) {
    return this.webhooks
      .call(id)
      .cancel(reason === undefined ? {} : { reason })
      .catch(asHttp);
  }
}

/** The caller may repeat a request that is answered 503. */
function asHttp(error: unknown): never {
  if (error instanceof InvalidInputError) throw new BadRequestException(error.problems);
  if (!(error instanceof WebhookClientError)) throw error;
  if (error.code === 'not_found') throw new NotFoundException(error.message);
  throw error.retryable ? new ServiceUnavailableException(error.message) : error;
}
