// Command doseplan computes dosing schedules from protocol files.
package main

import (
	"os"

	"github.com/doseplan/doseplan/cmd/doseplan/internal/cli"
)

func main() { os.Exit(cli.Main(os.Args[1:], cli.System())) }
