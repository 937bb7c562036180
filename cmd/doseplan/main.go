// Command doseplan computes dosing schedules from protocol files.
package main

import (
	"os"
	"runtime/debug"

	"github.com/doseplan/doseplan/cmd/doseplan/internal/cli"
)

// A run makes much garbage for what it holds, and one calendar is done before any of it needs to be collected: garbage is
// collected less often than Go would, unless more memory than this, in bytes, is held.
const softLimit = 160 << 20

func main() {
	debug.SetGCPercent(400)
	debug.SetMemoryLimit(softLimit)
	os.Exit(cli.Main(os.Args[1:], cli.System()))
}
