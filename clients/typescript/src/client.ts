// Connects to a ReelOps service over gRPC and names its services.

import { type Client, createClient, type Interceptor } from "@connectrpc/connect";
import { createGrpcTransport } from "@connectrpc/connect-node";

import { JobsService } from "./gen/reelops/api/jobs/v1/jobs_service_pb.js";
import { AuditService } from "./gen/reelops/api/sopilot/v1/audit_service_pb.js";
import { IngestService } from "./gen/reelops/api/sopilot/v1/ingest_service_pb.js";
import { MonitoringService } from "./gen/reelops/api/sopilot/v1/monitoring_service_pb.js";
import { OperationsService } from "./gen/reelops/api/sopilot/v1/operations_service_pb.js";
import { ScoringService } from "./gen/reelops/api/sopilot/v1/scoring_service_pb.js";
import { SearchService } from "./gen/reelops/api/sopilot/v1/search_service_pb.js";
import { TrainingService } from "./gen/reelops/api/sopilot/v1/training_service_pb.js";
import { VideoService } from "./gen/reelops/api/sopilot/v1/video_service_pb.js";

export interface ReelOps {
  readonly jobs: Client<typeof JobsService>;
  readonly ingest: Client<typeof IngestService>;
  readonly scoring: Client<typeof ScoringService>;
  readonly videos: Client<typeof VideoService>;
  readonly search: Client<typeof SearchService>;
  readonly training: Client<typeof TrainingService>;
  readonly audit: Client<typeof AuditService>;
  readonly operations: Client<typeof OperationsService>;
  readonly monitoring: Client<typeof MonitoringService>;
}

export interface Options {
  /** Sent as a bearer token. */
  readonly token?: string;
  /** For calls that say no other, in milliseconds; 30 s where absent. */
  readonly defaultTimeoutMs?: number;
}

/** Connects to `http://host:port` or `https://host`. The gRPC port and the REST ports both serve. */
export function connect(baseUrl: string, options: Options = {}): ReelOps {
  const transport = createGrpcTransport({
    baseUrl,
    defaultTimeoutMs: options.defaultTimeoutMs ?? 30_000,
    interceptors: options.token === undefined ? [] : [withToken(options.token)],
    pingIntervalMs: 30_000,
  });
  return {
    jobs: createClient(JobsService, transport),
    ingest: createClient(IngestService, transport),
    scoring: createClient(ScoringService, transport),
    videos: createClient(VideoService, transport),
    search: createClient(SearchService, transport),
    training: createClient(TrainingService, transport),
    audit: createClient(AuditService, transport),
    operations: createClient(OperationsService, transport),
    monitoring: createClient(MonitoringService, transport),
  };
}

function withToken(token: string): Interceptor {
  return (next) => (request) => {
    request.header.set("authorization", `Bearer ${token}`);
    return next(request);
  };
}
