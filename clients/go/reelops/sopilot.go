package reelops

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	jobsv1 "reelops.dev/api/jobs/v1"
	sopilotv1 "reelops.dev/api/sopilot/v1"
)

const (
	chunkBytes      = 1 << 20
	transferTimeout = 6 * time.Hour
	watchTimeout    = 15 * time.Minute
	reconnects      = 30
)

// JobError is a job that ended with an error, or was cancelled.
type JobError struct{ Job *jobsv1.Job }

func (e *JobError) Error() string {
	return fmt.Sprintf("%s [%s]", e.Job.GetErrorMessage(), e.Job.GetErrorCode())
}

// Upload sends a file in pieces of 1 MiB, holding one at a time, and returns the id of its ingest job.
func (c *Client) Upload(ctx context.Context, path, task string, role sopilotv1.Video_Role) (string, error) {
	file, err := os.Open(path)
	if err != nil {
		return "", err
	}
	defer file.Close()
	// Ends the call where this function gives up in the middle of it.
	ctx, cancel := context.WithTimeout(ctx, transferTimeout)
	defer cancel()
	call, err := c.Ingest.UploadVideo(ctx)
	if err != nil {
		return "", err
	}
	description := &sopilotv1.UploadDescription{TaskId: task, Role: role, Filename: filepath.Base(path)}
	message := &sopilotv1.UploadVideoRequest{Part: &sopilotv1.UploadVideoRequest_Description{Description: description}}
	// After io.EOF the service has already answered; CloseAndRecv says what.
	for err = call.Send(message); err == nil; err = call.Send(message) {
		buffer := make([]byte, chunkBytes) // gRPC may look at a message after Send has returned
		count, readErr := io.ReadFull(file, buffer)
		if readErr == io.EOF {
			break
		}
		if readErr != nil && readErr != io.ErrUnexpectedEOF {
			return "", readErr
		}
		message = &sopilotv1.UploadVideoRequest{Part: &sopilotv1.UploadVideoRequest_Chunk{Chunk: buffer[:count]}}
	}
	if err != nil && err != io.EOF {
		return "", err
	}
	answer, err := call.CloseAndRecv()
	if err != nil {
		return "", err
	}
	return answer.GetIngestJobId(), nil
}

// Wait waits until a job is completed and goes on when the connection is lost. It returns a *JobError where the job ends
// otherwise. onProgress, where there is one, gets the share that is done.
func (c *Client) Wait(ctx context.Context, jobID string, onProgress func(float64)) (*jobsv1.Job, error) {
	for lost := 0; ; lost++ {
		job, err := c.watch(ctx, jobID, func(done float64) {
			lost = 0
			if onProgress != nil {
				onProgress(done)
			}
		})
		if err == nil || ctx.Err() != nil || !transient(err) || lost >= reconnects {
			return job, err
		}
		select {
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-time.After(min(5*time.Second, 100*time.Millisecond<<min(lost, 10))):
		}
	}
}

func (c *Client) watch(ctx context.Context, jobID string, onProgress func(float64)) (*jobsv1.Job, error) {
	ctx, cancel := context.WithTimeout(ctx, watchTimeout)
	defer cancel()
	call, err := c.Jobs.WatchJob(ctx, &jobsv1.WatchJobRequest{JobId: jobID})
	if err != nil {
		return nil, err
	}
	for {
		answer, err := call.Recv()
		if err != nil {
			return nil, err
		}
		job := answer.GetJob()
		onProgress(job.GetProgress())
		switch job.GetState() {
		case jobsv1.Job_STATE_COMPLETED:
			return job, nil
		case jobsv1.Job_STATE_FAILED, jobsv1.Job_STATE_CANCELLED:
			return job, &JobError{job}
		}
	}
}

func transient(err error) bool {
	said := status.Convert(err)
	// A proxy whose server dies in the middle of an answer resets the stream.
	reset := said.Code() == codes.Internal && strings.Contains(said.Message(), "RST_STREAM")
	return errors.Is(err, io.EOF) || reset || said.Code() == codes.Unavailable || said.Code() == codes.DeadlineExceeded
}

// SaveReport writes the PDF report of a completed score to path, whole or not at all.
func (c *Client) SaveReport(ctx context.Context, scoreJobID, path string) (err error) {
	ctx, cancel := context.WithTimeout(ctx, transferTimeout)
	defer cancel()
	call, err := c.Scoring.DownloadScoreReport(ctx, &sopilotv1.DownloadScoreReportRequest{ScoreJobId: scoreJobID})
	if err != nil {
		return err
	}
	file, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+".*.part")
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			file.Close()
			os.Remove(file.Name())
		}
	}()
	for {
		body, err := call.Recv()
		if err == io.EOF {
			break
		}
		if err != nil {
			return err
		}
		if _, err := file.Write(body.GetData()); err != nil {
			return err
		}
	}
	if err := file.Sync(); err != nil {
		return err
	}
	if err := file.Close(); err != nil {
		return err
	}
	return os.Rename(file.Name(), path)
}
