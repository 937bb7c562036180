module github.com/doseplan/doseplan

go 1.26

require (
	github.com/rickar/cal/v2 v2.1.27 // indirect
	go.yaml.in/yaml/v4 v4.0.0 // indirect
	gopkg.in/yaml.v3 v3.0.1 // indirect
)
