// Classifies texts, or the lines of a file.
//
//	classify ADDRESS [-model NAME] TEXT…         one call
//	classify ADDRESS [-model NAME] -lines FILE   one stream
//
// Prints `label<TAB>score<TAB>text` for each. The package verdictv1 is what generate.sh makes.
package main

import (
	"bufio"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"strconv"
	"sync"
	"time"

	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	healthpb "google.golang.org/grpc/health/grpc_health_v1"
	"google.golang.org/grpc/status"

	"verdict-example/verdictv1"
)

// As docs/service_config.json has it for Classify: UNAVAILABLE is tried again.
const serviceConfig = `{"methodConfig": [{"name": [{"service": "verdict.v1.Classifier", "method": "Classify"}], "timeout": "10s",
  "retryPolicy": {"maxAttempts": 3, "initialBackoff": "0.05s", "maxBackoff": "1s", "backoffMultiplier": 2,
                  "retryableStatusCodes": ["UNAVAILABLE"]}}],
  "retryThrottling": {"maxTokens": 100, "tokenRatio": 0.1}}`

const deadline = 10 * time.Second

func requestOf(model string, texts ...string) *verdictv1.ClassifyRequest {
	request := &verdictv1.ClassifyRequest{Model: model, Options: &verdictv1.ClassifyOptions{TopK: 1}}
	for _, text := range texts {
		request.Inputs = append(request.Inputs, &verdictv1.TextInput{Text: text})
	}
	return request
}

func show(text string, result *verdictv1.Classification) {
	fmt.Printf("%s\t%.4f\t%s\n", result.Labels[0].Label, result.Labels[0].Score, text)
}

// explain prints what a status says, details and all.
func explain(failure *status.Status) {
	fmt.Fprintf(os.Stderr, "error: %s\n", failure.Message())
	for _, detail := range failure.Details() {
		switch detail := detail.(type) {
		case *errdetails.ErrorInfo:
			fmt.Fprintf(os.Stderr, "  reason: %s %s\n", detail.Domain, detail.Reason)
		case *errdetails.BadRequest:
			for _, violation := range detail.FieldViolations {
				fmt.Fprintf(os.Stderr, "  field: %s: %s\n", violation.Field, violation.Description)
			}
		case *errdetails.RetryInfo:
			fmt.Fprintf(os.Stderr, "  try again after: %s\n", detail.RetryDelay.AsDuration())
		}
	}
}

func checkHealth(connection *grpc.ClientConn) error {
	ctx, cancel := context.WithTimeout(context.Background(), deadline)
	defer cancel()
	answer, err := healthpb.NewHealthClient(connection).Check(ctx, &healthpb.HealthCheckRequest{Service: "verdict.v1.Classifier"})
	if err != nil {
		return err
	}
	if answer.Status != healthpb.HealthCheckResponse_SERVING {
		return errors.New("the service is up but takes no requests yet, or no longer")
	}
	return nil
}

func classify(client verdictv1.ClassifierClient, model string, texts []string) error {
	ctx, cancel := context.WithTimeout(context.Background(), deadline)
	defer cancel()
	response, err := client.Classify(ctx, requestOf(model, texts...))
	if err != nil {
		return err
	}
	for i, result := range response.Results {
		show(texts[i], result)
	}
	return nil
}

// lineBook keeps the lines that have no answer yet.
type lineBook struct {
	mutex sync.Mutex
	lines map[string]string
}

func (book *lineBook) put(id, line string) {
	book.mutex.Lock()
	defer book.mutex.Unlock()
	book.lines[id] = line
}

func (book *lineBook) take(id string) string {
	book.mutex.Lock()
	defer book.mutex.Unlock()
	line := book.lines[id]
	delete(book.lines, id)
	return line
}

// send makes a request of every line. Send blocks while the service reads no further.
func send(sink verdictv1.Classifier_StreamClassifyClient, model string, source io.Reader, book *lineBook) error {
	scanner := bufio.NewScanner(source)
	scanner.Buffer(nil, 16<<20)
	for number := 1; scanner.Scan(); number++ {
		id := strconv.Itoa(number)
		book.put(id, scanner.Text())
		if err := sink.Send(&verdictv1.StreamClassifyRequest{Id: id, Request: requestOf(model, scanner.Text())}); err != nil {
			return nil // Recv says why
		}
	}
	if err := scanner.Err(); err != nil {
		return err
	}
	return sink.CloseSend()
}

// stream classifies the lines of a file. Answers come in their order, and are read while more is sent.
func stream(client verdictv1.ClassifierClient, model, path string) error {
	file, err := os.Open(path)
	if err != nil {
		return err
	}
	defer file.Close()
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	calls, err := client.StreamClassify(ctx)
	if err != nil {
		return err
	}
	book := &lineBook{lines: map[string]string{}}
	sent := make(chan error, 1)
	go func() {
		err := send(calls, model, file, book)
		if err != nil {
			cancel()
		}
		sent <- err
	}()
	failed := 0
	for {
		answer, err := calls.Recv()
		if err == io.EOF {
			break
		}
		if err != nil {
			select {
			case cause := <-sent:
				if cause != nil {
					return cause // the file, not the stream
				}
			default:
			}
			return err
		}
		line := book.take(answer.Id)
		if failure := answer.GetError(); failure != nil {
			fmt.Fprintf(os.Stderr, "line %s: ", answer.Id)
			explain(status.FromProto(failure))
			failed++
			continue
		}
		show(line, answer.GetResponse().Results[0])
	}
	if failed > 0 {
		return fmt.Errorf("%d lines have no label", failed)
	}
	return nil
}

func run(arguments []string) error {
	flags := flag.NewFlagSet("classify", flag.ExitOnError)
	model := flags.String("model", "", "name of the model; empty: the default one")
	lines := flags.String("lines", "", "file whose lines to classify")
	if len(arguments) < 1 {
		return errors.New("usage: classify ADDRESS [-model NAME] (TEXT… | -lines FILE)")
	}
	if err := flags.Parse(arguments[1:]); err != nil {
		return err
	}
	connection, err := grpc.NewClient(arguments[0], grpc.WithTransportCredentials(insecure.NewCredentials()),
		grpc.WithDefaultServiceConfig(serviceConfig))
	if err != nil {
		return err
	}
	defer connection.Close()
	if err := checkHealth(connection); err != nil {
		return err
	}
	client := verdictv1.NewClassifierClient(connection)
	if *lines != "" {
		return stream(client, *model, *lines)
	}
	return classify(client, *model, flags.Args())
}

func main() {
	err := run(os.Args[1:])
	if err == nil {
		return
	}
	if failure, ok := status.FromError(err); ok {
		explain(failure)
	} else {
		fmt.Fprintf(os.Stderr, "error: %s\n", err)
	}
	os.Exit(1)
}
