// Command score_a_take scores a trainee's take against a gold one:
//
//	go run ./examples/score_a_take -task assembly gold.mp4 trainee.mp4
//
// The service and the token come from REELOPS_ADDRESS (localhost:50051 where absent) and REELOPS_TOKEN.
package main

import (
	"context"
	"flag"
	"fmt"
	"log"
	"os"
	"os/signal"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"

	sopilotv1 "reelops.dev/api/sopilot/v1"
	"reelops.dev/reelops"
)

func main() {
	log.SetFlags(0)
	task := flag.String("task", "", "the task that both videos show")
	report := flag.String("report", "report.pdf", "where to save the PDF")
	flag.Parse()
	if flag.NArg() != 2 || *task == "" {
		log.Fatal("usage: score_a_take -task TASK [-report FILE] GOLD TRAINEE")
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, *task, flag.Arg(0), flag.Arg(1), *report); err != nil {
		stop()
		log.Fatalf("failed: %v", err)
	}
}

func run(ctx context.Context, task, goldPath, traineePath, reportPath string) error {
	address := os.Getenv("REELOPS_ADDRESS")
	if address == "" {
		address = "localhost:50051"
	}
	client, err := reelops.Dial(address, os.Getenv("REELOPS_TOKEN"), grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		return err
	}
	defer client.Close()

	gold, err := ingest(ctx, client, goldPath, task, sopilotv1.Video_gold)
	if err != nil {
		return err
	}
	trainee, err := ingest(ctx, client, traineePath, task, sopilotv1.Video_trainee)
	if err != nil {
		return err
	}
	created, err := client.Scoring.CreateScore(ctx, &sopilotv1.CreateScoreRequest{GoldVideoId: gold, TraineeVideoId: trainee})
	if err != nil {
		return err
	}
	if _, err := client.Wait(ctx, created.ScoreJobId, nil); err != nil {
		return err
	}
	score, err := client.Scoring.GetScore(ctx, &sopilotv1.GetScoreRequest{ScoreJobId: created.ScoreJobId})
	if err != nil {
		return err
	}
	show(score.GetJob().GetResult())
	if err := client.SaveReport(ctx, created.ScoreJobId, reportPath); err != nil {
		return err
	}
	fmt.Println("report:", reportPath)
	return nil
}

// ingest uploads a video, waits until it is ingested and returns its id.
func ingest(ctx context.Context, client *reelops.Client, path, task string, role sopilotv1.Video_Role) (uint32, error) {
	jobID, err := client.Upload(ctx, path, task, role)
	if err != nil {
		return 0, err
	}
	if _, err := client.Wait(ctx, jobID, func(done float64) { fmt.Printf("%s: %.0f %%\n", role, done*100) }); err != nil {
		return 0, err
	}
	ingested, err := client.Ingest.GetIngestJob(ctx, &sopilotv1.GetIngestJobRequest{IngestJobId: jobID})
	if err != nil {
		return 0, err
	}
	return ingested.GetJob().GetVideoId(), nil
}

func show(result *sopilotv1.ScoreResult) {
	fmt.Printf("score: %.1f of 100 (%s, %s)\n", result.GetScore(), result.GetProfile(), result.GetEmbeddingModel())
	for _, fault := range result.GetDeviations() {
		fmt.Printf("  %s at %s: %s\n", fault.GetType(), span(fault), fault.GetReason())
	}
}

// span returns when a fault is, in the trainee's video or, where it has no such moment, in the gold one.
func span(fault *sopilotv1.Deviation) string {
	if at := fault.GetTraineeTime(); at != nil && at.StartSec != nil {
		return fmt.Sprintf("%.1f-%.1f s", at.GetStartSec(), at.GetEndSec())
	}
	at := fault.GetGoldTime()
	return fmt.Sprintf("%.1f-%.1f s of the gold video", at.GetStartSec(), at.GetEndSec())
}
