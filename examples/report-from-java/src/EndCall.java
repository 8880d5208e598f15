import io.temporal.activity.ActivityOptions;
import io.temporal.common.Priority;
import io.temporal.workflow.*;

@WorkflowInterface
public interface EndCall {
  @WorkflowMethod java.util.Map<?, ?> run(java.util.Map<?, ?> call);
  class Impl implements EndCall { // No limit of tries: Temporal keeps the report until it is made.
    @Override public java.util.Map<?, ?> run(java.util.Map<?, ?> call) { // The key: limits count it for its account.
      var account = Priority.newBuilder().setFairnessKey((String) call.get("account_id")).build();
      var options = ActivityOptions.newBuilder().setTaskQueue("topcalls-webhooks").setPriority(account);
      return Workflow.newUntypedActivityStub(options.setStartToCloseTimeout(java.time.Duration.ofSeconds(10)).build())
          .execute("reportCall", java.util.Map.class, call); }
  }
}
