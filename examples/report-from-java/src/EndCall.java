import io.temporal.activity.ActivityOptions;
import io.temporal.workflow.*;
import java.util.Map;

@WorkflowInterface
public interface EndCall {
  @WorkflowMethod Map<?, ?> run(Map<?, ?> call);

  class Impl implements EndCall { // No limit of tries: Temporal keeps the report until it is made.
    private final ActivityStub webhooks = Workflow.newUntypedActivityStub(ActivityOptions.newBuilder()
        .setTaskQueue("topcalls-webhooks").setStartToCloseTimeout(java.time.Duration.ofSeconds(10)).build());
    @Override public Map<?, ?> run(Map<?, ?> call) { return webhooks.execute("reportCall", Map.class, call); }
  }
}
