module github.com/doseplan/doseplan

go 1.26
