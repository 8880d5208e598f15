// Runs the example's workflow as often as asked, all at once. main.ts beside it writes the jobs to stdin.
package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"sync"

	"example.com/engine"
	"go.temporal.io/sdk/client"
	sdklog "go.temporal.io/sdk/log"
	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/worker"
)

const queue = "engine-go"

type job struct {
	Count int            `json:"count"`
	Call  map[string]any `json:"call"`
}

func main() {
	lines := slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelError})
	logger := sdklog.NewStructuredLogger(slog.New(lines))
	connected, err := client.Dial(client.Options{HostPort: os.Getenv("TEMPORAL_ADDRESS"), Logger: logger})
	check(err)
	defer connected.Close()
	running := worker.New(connected, queue, worker.Options{})
	running.RegisterWorkflow(engine.EndCall)
	check(running.Start())
	defer running.Stop()
	fmt.Println("ready")
	for lines := bufio.NewScanner(os.Stdin); lines.Scan(); {
		var asked job
		check(json.Unmarshal(lines.Bytes(), &asked))
		ends := make([]map[string]any, asked.Count)
		var all sync.WaitGroup
		all.Add(asked.Count)
		for index := range ends {
			go func() {
				defer all.Done()
				ends[index] = end(connected, asked.Call)
			}()
		}
		all.Wait()
		check(json.NewEncoder(os.Stdout).Encode(ends))
	}
}

func end(connected client.Client, call map[string]any) map[string]any {
	options := client.StartWorkflowOptions{TaskQueue: queue}
	run, err := connected.ExecuteWorkflow(context.Background(), options, engine.EndCall, call)
	check(err)
	var answer map[string]any
	err = run.Get(context.Background(), &answer)
	var failure *temporal.ApplicationError
	if errors.As(err, &failure) {
		final := failure.NonRetryable()
		return map[string]any{"type": failure.Type(), "message": failure.Message(), "nonRetryable": final}
	}
	check(err)
	return answer
}

func check(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
