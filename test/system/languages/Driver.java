import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.temporal.client.*;
import io.temporal.failure.ApplicationFailure;
import io.temporal.serviceclient.*;
import io.temporal.worker.WorkerFactory;
import java.io.*;
import java.util.*;
import java.util.concurrent.CompletableFuture;
import java.util.stream.*;

/** Runs the example's workflow as often as asked, all at once. main.ts beside it writes the jobs to stdin. */
public class Driver {
  private static final String QUEUE = "engine-java";

  public static void main(String[] args) throws IOException {
    var target = WorkflowServiceStubsOptions.newBuilder().setTarget(System.getenv("TEMPORAL_ADDRESS")).build();
    var client = WorkflowClient.newInstance(WorkflowServiceStubs.newServiceStubs(target));
    var factory = WorkerFactory.newInstance(client);
    factory.newWorker(QUEUE).registerWorkflowImplementationTypes(EndCall.Impl.class);
    factory.start();
    System.out.println("ready");
    var json = new ObjectMapper();
    var lines = new BufferedReader(new InputStreamReader(System.in));
    for (String line = lines.readLine(); line != null; line = lines.readLine()) {
      JsonNode job = json.readTree(line);
      Map<?, ?> call = json.convertValue(job.get("call"), Map.class);
      List<CompletableFuture<Map<?, ?>>> ends = IntStream.range(0, job.get("count").asInt())
          .mapToObj(each -> start(client, call)).collect(Collectors.toList());
      System.out.println(json.writeValueAsString(ends.stream().map(Driver::endOf).collect(Collectors.toList())));
    }
    System.exit(0);
  }

  private static CompletableFuture<Map<?, ?>> start(WorkflowClient client, Map<?, ?> call) {
    var options = WorkflowOptions.newBuilder().setTaskQueue(QUEUE).build();
    return WorkflowClient.execute(client.newWorkflowStub(EndCall.class, options)::run, call);
  }

  private static Map<?, ?> endOf(CompletableFuture<Map<?, ?>> end) {
    try {
      return end.join();
    } catch (RuntimeException error) {
      Throwable cause = error;
      while (cause != null && !(cause instanceof ApplicationFailure)) cause = cause.getCause();
      if (!(cause instanceof ApplicationFailure failure)) throw error;
      boolean isFinal = failure.isNonRetryable();
      return Map.of("type", failure.getType(), "message", failure.getOriginalMessage(), "nonRetryable", isFinal);
    }
  }
}
