import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Drops one job for receiptd and waits for its answer.
 *
 * <p>Usage: java Drop.java SPOOL JOB.json [SECONDS]
 *
 * <p>Exit: 0 printed, 3 rejected, 5 not printed yet, 6 uncertain, 7 refused or conflict. Java 11 or newer, no libraries:
 * the few fields needed are found with patterns. A program with a JSON library at hand should use that.
 */
public final class Drop {
    private static final Pattern JOB_ID = Pattern.compile("\"job_id\"\\s*:\\s*\"([A-Za-z0-9._-]{1,64})\"");
    private static final Pattern OUTCOME = Pattern.compile("\"outcome\"\\s*:\\s*\"([a-z]+)\"");
    private static final Pattern CODE = Pattern.compile("\"code\"\\s*:\\s*\"([a-z_]+)\"");
    private static final Pattern WAITING = Pattern.compile("\"state\"\\s*:\\s*\"(queued|sending|held)\"");
    private static final Pattern UNCERTAIN = Pattern.compile("\"state\"\\s*:\\s*\"uncertain\"");
    private static final Pattern STATE = Pattern.compile("\"state\"\\s*:\\s*\"([a-z]+)\"");

    public static void main(String[] args) throws Exception {
        if (args.length < 2) {
            System.err.println("usage: java Drop.java SPOOL JOB.json [SECONDS]");
            System.exit(2);
        }
        Path spool = Path.of(args[0]);
        byte[] data = Files.readAllBytes(Path.of(args[1]));
        Matcher id = JOB_ID.matcher(new String(data, "UTF-8"));
        if (!id.find()) {
            System.err.println("no job_id in " + args[1]);
            System.exit(3);
        }
        String name = id.group(1) + ".json";
        drop(spool, name, data);
        System.exit(tell(answer(spool.resolve("results").resolve(name), args.length > 2 ? Long.parseLong(args[2]) : 60)));
    }

    /** Puts a job into the drop folder so that receiptd never sees half a file, and a power cut loses nothing. */
    static void drop(Path spool, String name, byte[] data) throws IOException {
        Path incoming = spool.resolve("incoming");
        Files.deleteIfExists(spool.resolve("results").resolve(name)); // the answer to an earlier drop of the same job
        Path tmp = incoming.resolve("." + name + ".tmp");
        try (FileChannel file = FileChannel.open(tmp, StandardOpenOption.CREATE, StandardOpenOption.WRITE,
                StandardOpenOption.TRUNCATE_EXISTING)) {
            ByteBuffer bytes = ByteBuffer.wrap(data);
            while (bytes.hasRemaining()) {
                file.write(bytes);
            }
            file.force(true);
        }
        Files.move(tmp, incoming.resolve(name), StandardCopyOption.ATOMIC_MOVE);
        if (!System.getProperty("os.name").startsWith("Windows")) {
            try (FileChannel folder = FileChannel.open(incoming, StandardOpenOption.READ)) {
                folder.force(true);
            }
        }
    }

    /** Gives the answer when nothing more happens by itself, or the latest one (or null) when the time is over. */
    static String answer(Path result, long seconds) throws InterruptedException {
        long deadline = System.nanoTime() + seconds * 1_000_000_000L;
        String latest = null;
        while (true) {
            try {
                latest = Files.readString(result);
            } catch (IOException notThereYet) {
                // or, on Windows, being replaced: look again
            }
            if (latest != null && !WAITING.matcher(latest).find() || System.nanoTime() >= deadline) {
                return latest;
            }
            Thread.sleep(100);
        }
    }

    /** Prints the answer and gives the exit code. */
    static int tell(String answer) {
        if (answer == null) {
            System.out.println("no answer yet; the job is kept. Do not send it again under another job_id.");
            return 5;
        }
        Matcher outcome = OUTCOME.matcher(answer);
        if (!outcome.find()) {
            System.err.println("this is no answer: " + answer);
            return 1;
        }
        System.out.println(outcome.group(1));
        CODE.matcher(answer).results().forEach(m -> System.out.println(m.group(1)));
        STATE.matcher(answer).results().forEach(m -> System.out.println(m.group(1)));
        switch (outcome.group(1)) {
            case "rejected":
                return 3;
            case "refused":
            case "conflict":
                return 7;
            default:
        }
        if (UNCERTAIN.matcher(answer).find()) {
            System.out.println("Nobody knows whether the slip came out. Look at the printer before you answer.");
            return 6;
        }
        if (WAITING.matcher(answer).find()) {
            System.out.println("Not printed yet; the slip is kept and comes out by itself. Do not send it again under another job_id.");
            return 5;
        }
        return 0;
    }
}
