// grpc_gateway --listen ADDRESS --service TARGET: the HTTP/JSON gateway that protoc-gen-grpc-gateway makes of verdict.v1, for comparison.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"log"
	"net"
	"net/http"
	"os"
	"os/signal"
	"syscall"

	"github.com/grpc-ecosystem/grpc-gateway/v2/runtime"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"

	verdict "example.org/verdict/bench/grpc_gateway/gen/verdict/v1"
)

func serve(ctx context.Context, listen, service string) error {
	connection, err := grpc.NewClient(service, grpc.WithTransportCredentials(insecure.NewCredentials()), grpc.WithSharedWriteBuffer(true))
	if err != nil {
		return err
	}
	defer connection.Close()
	mux := runtime.NewServeMux()
	if err := verdict.RegisterClassifierHandler(ctx, mux, connection); err != nil {
		return err
	}
	listener, err := net.Listen("tcp", listen)
	if err != nil {
		return err
	}
	server := &http.Server{Handler: mux}
	context.AfterFunc(ctx, func() { server.Close() })
	fmt.Printf("{\"message\": \"listening\", \"port\": %d}\n", listener.Addr().(*net.TCPAddr).Port)
	if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}

func main() {
	listen := flag.String("listen", "127.0.0.1:0", "where to listen for HTTP")
	service := flag.String("service", "127.0.0.1:50051", "where verdict.v1.Classifier is: host:port or unix:/path")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := serve(ctx, *listen, *service); err != nil {
		log.Fatal(err)
	}
}
