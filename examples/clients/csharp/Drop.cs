// Drops one job for receiptd and waits for its answer.
//
// Usage: Drop SPOOL JOB.json [SECONDS]
//
// Exit: 0 printed, 3 rejected, 5 not printed yet, 6 uncertain, 7 refused or conflict. .NET 6 or newer, no packages.
using System;
using System.IO;
using System.Linq;
using System.Text.Json;
using System.Threading;

static class Program
{
    static readonly string[] Waiting = { "queued", "sending", "held" };

    static int Main(string[] args)
    {
        if (args.Length < 2)
        {
            Console.Error.WriteLine("usage: Drop SPOOL JOB.json [SECONDS]");
            return 2;
        }
        byte[] data = File.ReadAllBytes(args[1]);
        using JsonDocument job = JsonDocument.Parse(data);
        string name = job.RootElement.GetProperty("job_id").GetString() + ".json";
        Drop(args[0], name, data);
        return Tell(Answer(Path.Combine(args[0], "results", name), args.Length > 2 ? double.Parse(args[2]) : 60));
    }

    // Puts a job into the drop folder so that receiptd never sees half a file.
    static void Drop(string spool, string name, byte[] data)
    {
        File.Delete(Path.Combine(spool, "results", name)); // the answer to an earlier drop of the same job
        string tmp = Path.Combine(spool, "incoming", "." + name + ".tmp");
        using (var file = new FileStream(tmp, FileMode.Create, FileAccess.Write))
        {
            file.Write(data);
            file.Flush(flushToDisk: true);
        }
        File.Move(tmp, Path.Combine(spool, "incoming", name), overwrite: true);
    }

    // Gives the answer when nothing more happens by itself, or the latest one (or null) when the time is over.
    static JsonElement? Answer(string result, double seconds)
    {
        DateTime deadline = DateTime.UtcNow.AddSeconds(seconds);
        JsonElement? latest = null;
        while (true)
        {
            try
            {
                using JsonDocument read = JsonDocument.Parse(File.ReadAllText(result));
                latest = read.RootElement.Clone();
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                // not there yet, or being replaced: look again
            }
            if (latest is JsonElement a && !Has(a, Waiting) || DateTime.UtcNow >= deadline)
            {
                return latest;
            }
            Thread.Sleep(100);
        }
    }

    static bool Has(JsonElement answer, params string[] states) =>
        answer.GetProperty("copies").EnumerateArray().Any(c => states.Contains(c.GetProperty("state").GetString()));

    // Prints the answer and gives the exit code.
    static int Tell(JsonElement? answer)
    {
        if (answer is not JsonElement a)
        {
            Console.WriteLine("no answer yet; the job is kept. Do not send it again under another job_id.");
            return 5;
        }
        string outcome = a.GetProperty("outcome").GetString();
        Console.WriteLine(outcome);
        foreach (JsonElement p in a.GetProperty("errors").EnumerateArray())
        {
            Console.WriteLine($"{p.GetProperty("code")}: {p.GetProperty("message").GetProperty("en")} -> {p.GetProperty("fix").GetProperty("en")}");
        }
        foreach (JsonElement c in a.GetProperty("copies").EnumerateArray())
        {
            Console.WriteLine($"{c.GetProperty("copy")} {c.GetProperty("state")}");
        }
        if (outcome == "rejected") return 3;
        if (outcome == "refused" || outcome == "conflict") return 7;
        if (Has(a, "uncertain"))
        {
            Console.WriteLine("Nobody knows whether the slip came out. Look at the printer before you answer.");
            return 6;
        }
        if (Has(a, Waiting))
        {
            Console.WriteLine("Not printed yet; the slip is kept and comes out by itself. Do not send it again under another job_id.");
            return 5;
        }
        return 0;
    }
}
