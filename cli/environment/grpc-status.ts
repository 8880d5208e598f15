/** gRPC status codes by name, for errors of a Temporal server. Source: grpc/grpc doc/statuscodes.md. */
export const GRPC = {
  invalidArgument: 3,
  notFound: 5,
  permissionDenied: 7,
  unimplemented: 12,
  unauthenticated: 16,
} as const;
