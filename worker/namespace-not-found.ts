/** The namespace that a worker should poll in does not exist. */

/** The server has no such namespace. Nothing polls. */
export class NamespaceNotFoundError extends Error {
  readonly code = 'namespace_not_found';
  readonly namespace: string;
  constructor(namespace: string, cause: unknown) {
    super(
      `createWebhookWorker: Temporal has no namespace ${namespace}. Create it (temporal operator namespace create ` +
        `-n ${namespace}), or pass the right one as namespace.`,
      { cause },
    );
    this.name = 'NamespaceNotFoundError';
    this.namespace = namespace;
  }
}

/** The SDK's error as ours, if that is what it says; other errors as they are. Its own text is a dump of the
 *  answer. */
export function asNamespaceError(error: unknown, namespace: string): unknown {
  const isMissing = error instanceof Error && /^Namespace .* was not found/.test(error.message);
  return isMissing ? new NamespaceNotFoundError(namespace, error) : error;
}
