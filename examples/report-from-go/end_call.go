package engine

import (
	"time"

	"go.temporal.io/sdk/workflow"
)

// EndCall reports an ended call. No limit of tries: Temporal keeps the report until it is made.
func EndCall(ctx workflow.Context, call map[string]any) (answer map[string]any, err error) {
	options := workflow.ActivityOptions{TaskQueue: "topcalls-webhooks", StartToCloseTimeout: 10 * time.Second}
	options.Priority.FairnessKey, _ = call["account_id"].(string) // limits count the report for its account
	err = workflow.ExecuteActivity(workflow.WithActivityOptions(ctx, options), "reportCall", call).Get(ctx, &answer)
	return answer, err
}
