// Package reelops speaks to a ReelOps service over gRPC: the generated services, and what a caller would write around
// them, uploading a file, waiting for a job and saving a report.
package reelops

import (
	"context"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/keepalive"
	"google.golang.org/grpc/metadata"

	jobsv1 "reelops.dev/api/jobs/v1"
	sopilotv1 "reelops.dev/api/sopilot/v1"
)

const callTimeout = 30 * time.Second

// Client has every service of the API.
type Client struct {
	Jobs       jobsv1.JobsServiceClient
	Ingest     sopilotv1.IngestServiceClient
	Scoring    sopilotv1.ScoringServiceClient
	Videos     sopilotv1.VideoServiceClient
	Search     sopilotv1.SearchServiceClient
	Training   sopilotv1.TrainingServiceClient
	Audit      sopilotv1.AuditServiceClient
	Operations sopilotv1.OperationsServiceClient
	Monitoring sopilotv1.MonitoringServiceClient

	connection *grpc.ClientConn
}

// Dial connects to a gRPC target. The caller says in the options how the connection is encrypted. A small call that has
// no deadline of its own gets one of 30 seconds.
func Dial(target, token string, options ...grpc.DialOption) (*Client, error) {
	options = append([]grpc.DialOption{
		grpc.WithUserAgent("reelops-go/0.1.0"),
		grpc.WithKeepaliveParams(keepalive.ClientParameters{Time: 30 * time.Second, Timeout: 10 * time.Second}),
		grpc.WithDefaultServiceConfig(retryReads),
		grpc.WithChainUnaryInterceptor(unary(token)),
		grpc.WithChainStreamInterceptor(stream(token)),
	}, options...)
	connection, err := grpc.NewClient(target, options...)
	if err != nil {
		return nil, err
	}
	return &Client{
		Jobs:       jobsv1.NewJobsServiceClient(connection),
		Ingest:     sopilotv1.NewIngestServiceClient(connection),
		Scoring:    sopilotv1.NewScoringServiceClient(connection),
		Videos:     sopilotv1.NewVideoServiceClient(connection),
		Search:     sopilotv1.NewSearchServiceClient(connection),
		Training:   sopilotv1.NewTrainingServiceClient(connection),
		Audit:      sopilotv1.NewAuditServiceClient(connection),
		Operations: sopilotv1.NewOperationsServiceClient(connection),
		Monitoring: sopilotv1.NewMonitoringServiceClient(connection),
		connection: connection,
	}, nil
}

// Close ends the connection.
func (c *Client) Close() error { return c.connection.Close() }

// Only calls that read are repeated: a write that failed may have been done.
const retryReads = `{"methodConfig": [{
	"name": [
		{"service": "reelops.api.jobs.v1.JobsService", "method": "GetJob"},
		{"service": "reelops.api.jobs.v1.JobsService", "method": "ListJobs"},
		{"service": "reelops.api.sopilot.v1.IngestService", "method": "GetIngestJob"},
		{"service": "reelops.api.sopilot.v1.ScoringService", "method": "GetScore"},
		{"service": "reelops.api.sopilot.v1.VideoService", "method": "ListVideos"},
		{"service": "reelops.api.sopilot.v1.VideoService", "method": "GetVideo"},
		{"service": "reelops.api.sopilot.v1.SearchService"},
		{"service": "reelops.api.sopilot.v1.TrainingService", "method": "GetTrainingJob"},
		{"service": "reelops.api.sopilot.v1.TrainingService", "method": "GetNightlyStatus"},
		{"service": "reelops.api.sopilot.v1.AuditService", "method": "ListAuditTrail"},
		{"service": "reelops.api.sopilot.v1.AuditService", "method": "VerifyAuditTrail"},
		{"service": "reelops.api.sopilot.v1.OperationsService"},
		{"service": "reelops.api.sopilot.v1.MonitoringService"}
	],
	"retryPolicy": {
		"maxAttempts": 5, "initialBackoff": "0.1s", "maxBackoff": "5s", "backoffMultiplier": 2,
		"retryableStatusCodes": ["UNAVAILABLE"]
	}
}]}`

func unary(token string) grpc.UnaryClientInterceptor {
	return func(
		ctx context.Context, method string, request, answer any, connection *grpc.ClientConn,
		invoke grpc.UnaryInvoker, options ...grpc.CallOption,
	) error {
		if _, has := ctx.Deadline(); !has {
			limited, cancel := context.WithTimeout(ctx, callTimeout)
			defer cancel()
			ctx = limited
		}
		return invoke(authorized(ctx, token), method, request, answer, connection, options...)
	}
}

func stream(token string) grpc.StreamClientInterceptor {
	return func(
		ctx context.Context, description *grpc.StreamDesc, connection *grpc.ClientConn, method string,
		start grpc.Streamer, options ...grpc.CallOption,
	) (grpc.ClientStream, error) {
		return start(authorized(ctx, token), description, connection, method, options...)
	}
}

func authorized(ctx context.Context, token string) context.Context {
	if token == "" {
		return ctx
	}
	return metadata.AppendToOutgoingContext(ctx, "authorization", "Bearer "+token)
}
